"""Runs the load against the brokers, one run at a time, interleaved."""

import json
import subprocess

from comparison import brokers, machine, security

RUN_SECONDS = 120


def measure(options, rows, compared, say, material=None):
    """Returns the reports of all runs. Within a round every scenario meets each broker in turn,
    and the order turns round by round, so that a machine that changes favours none."""
    broker_processors, load_processors = machine.place(options.threads)
    reports = []
    for number in range(options.rounds):
        for row in rows:
            for broker in compared if number % 2 == 0 else reversed(compared):
                report = run_once(options, row, broker, material,
                                  broker_processors, load_processors)
                report.update(round=number, row=row.name, broker=broker.name)
                reports.append(report)
                say(progress_line(report, row))
    return reports


def run_once(options, row, broker, material, broker_processors, load_processors):
    try:
        with brokers.running(
            broker, row, broker_processors, options.folder, material
        ) as (pid, port):
            command = load_command(options, row, broker, pid, port)
            return run_load(command + security.load_options(row, material), load_processors)
    except (brokers.StartFailed, OSError, subprocess.SubprocessError) as error:
        return {"ok": False, "error": str(error)}


def load_command(options, row, broker, pid, port):
    command = [options.bench, *row.load.split(), "--port", str(port), "--broker-pid", str(pid)]
    messages = row.slow_messages if broker.slow else row.messages
    if messages is not None:
        command += ["--messages", str(max(1, int(messages * options.scale)))]
    return command + ["--timeout", str(RUN_SECONDS)]


def run_load(command, processors, seconds=RUN_SECONDS):
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 60,
        preexec_fn=lambda: machine.prepare(processors),
    )
    try:
        report = json.loads(result.stdout)
    except ValueError:
        report = {"ok": False, "error": result.stderr.strip() or f"exit {result.returncode}"}
    report["exit"] = result.returncode
    if report.get("wall_s"):
        report["gen_share"] = round(report["gen_cpu_s"] / report["wall_s"], 3)
    return report


def progress_line(report, row):
    head = f"round {report['round'] + 1}  {report['row']:<12} {report['broker']:<10}"
    if not report["ok"]:
        return f"{head} NOT EXACT: {failure(report)}"
    shown = (f"{figure.title} {report[figure.key]:.6g}" for figure in row.figures)
    return f"{head} {', '.join(shown)}"


def failure(report):
    counts = ("missing", "dups", "bad", "lost_conns", "out_of_order", "tls_handshakes", "tls_resumed")
    shown = (f"{key} {report[key]}" for key in counts if key in report)
    return report.get("error") or ", ".join(shown)
