"""The admin interface from outside: requests, and streams of events."""

import http.client
import json
import socket
import ssl
import time
import urllib.parse

from godwit_daemon import DEADLINE


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(code, message) of an error."""
        error = self.json["error"]
        return error["code"], error["message"]

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Api:
    """The interface of a daemon; a connection a request. `token` None: none is shown."""

    def __init__(self, daemon, token="its own", port=None, tls=None):
        self.port = port or daemon.admin_port
        self.token = daemon.token if token == "its own" else token
        self.tls = tls

    def connection(self, deadline=DEADLINE):
        if self.tls:
            return http.client.HTTPSConnection("localhost", self.port, timeout=deadline,
                                               context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=deadline)

    def headers(self, headers=None):
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return token | (headers or {})

    def ask(self, method, path, body=None, headers=None, deadline=DEADLINE):
        connection = self.connection(deadline)
        try:
            content = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
            connection.request(method, path, content, self.headers(headers))
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def get(self, path, headers=None, deadline=DEADLINE, **parameters):
        return self.ask("GET", path + query(parameters), headers=headers, deadline=deadline)

    def post(self, path, body=None, headers=None):
        return self.ask("POST", path, body, headers)

    def delete(self, path, headers=None, **parameters):
        return self.ask("DELETE", path + query(parameters), headers=headers)

    def stream(self, path, **parameters):
        return EventStream(self, path + query(parameters))

    def items(self, path, **parameters):
        """All items of a list, page by page."""
        items, cursor = [], None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            page = self.get(path, **parameters, **more)
            if page.status != 200:
                raise AssertionError(f"{path}: {page}")
            items += page.json["items"]
            cursor = page.json["next_cursor"]
            if cursor is None:
                return items


def query(parameters):
    return "?" + urllib.parse.urlencode(parameters) if parameters else ""


class EventStream:
    """Server-sent events of one path."""

    def __init__(self, api, path):
        self.socket = socket.create_connection(("127.0.0.1", api.port), timeout=DEADLINE)
        if api.tls:
            self.socket = api.tls.wrap_socket(self.socket, server_hostname="localhost")
        lines = [f"GET {path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in api.headers().items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._bytes = b""
        head = self._take(b"\r\n\r\n").decode()
        self.status = int(head.split()[1])
        self.head = head

    def _take(self, end):
        while end not in self._bytes:
            more = self.socket.recv(65536)
            if not more:
                raise AssertionError(f"the stream has ended: {self._bytes!r}")
            self._bytes += more
        taken, self._bytes = self._bytes.split(end, 1)
        return taken

    def next(self, deadline=DEADLINE):
        """The next event as (name, data)."""
        self.socket.settimeout(deadline)
        while True:
            block = self._take(b"\n\n").decode()
            if not block.startswith(":"):
                name, data = block.split("\n")
                return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    def wait_for(self, wanted, deadline=DEADLINE):
        """The data of the next event with that name."""
        end = time.monotonic() + deadline
        while True:
            name, data = self.next(max(0.001, end - time.monotonic()))
            if name == wanted:
                return data

    def wait_for_end(self):
        self.socket.settimeout(DEADLINE)
        while self.socket.recv(65536):
            pass

    def close(self):
        self.socket.close()


def tls_context(authority):
    context = ssl.create_default_context(cafile=authority)
    return context
