// Signs in, and shows the page that the address names: #/clients/sensor-1?topic=a is the page
// `clients`, the parameter `sensor-1` and a query.

import { get, session } from "./api.js";
import { fill, h } from "./dom.js";
import { live } from "./live.js";
import { client } from "./pages/client.js";
import { clients } from "./pages/clients.js";
import { groups } from "./pages/groups.js";
import { log } from "./pages/log.js";
import { login } from "./pages/login.js";
import { node } from "./pages/node.js";
import { overview } from "./pages/overview.js";
import { retained } from "./pages/retained.js";
import { subscriptions } from "./pages/subscriptions.js";
import { tryout } from "./pages/tryout.js";
import { button, empty, heading } from "./parts.js";
import { Shell } from "./shell.js";

const kPlaces = [
  { path: "", title: "Overview", icon: "overview", show: overview },
  { path: "clients", title: "Clients", icon: "clients", show: clients, one: client },
  { path: "subscriptions", title: "Subscriptions", icon: "subscriptions", show: subscriptions },
  { path: "retained", title: "Retained", icon: "retained", show: retained },
  { path: "groups", title: "Shared groups", icon: "shared", show: groups },
  { path: "tryout", title: "Try out", icon: "tryout", show: tryout },
  { path: "node", title: "Node", icon: "node", show: node },
  { path: "log", title: "Log", icon: "log", show: log },
];

const kSignedIn = "godwit.signed-in";

const app = document.getElementById("app");
let shell = null; // null while nobody is signed in
let page = null; // ends with another page
let title = "";
let asking = false; // for the token

// A page is a function of {parameter, query, signal}, which returns its elements. The signal ends
// when the page is left, and with it all that the page has going on.
function show() {
  if (!shell) return;
  page?.abort();
  page = new AbortController();
  const { path, parameter, query } = route();
  const place = kPlaces.find((one) => one.path === path);
  const found = place && (parameter === null ? place.show : place.one);
  shell.mark(path);
  fill(shell.main, found ? found({ parameter, query, signal: page.signal }) : nowhere());
  title = parameter ?? place?.title ?? "Not found";
  entitle();
  window.scrollTo(0, 0);
}

function entitle() {
  if (shell) document.title = [title, live.node?.name, "Godwit"].filter(Boolean).join(" · ");
}

function route() {
  const [where, search] = location.hash.replace(/^#\/?/, "").split("?");
  const [path, ...rest] = where.split("/");
  return {
    path,
    parameter: rest.length ? decoded(rest.join("/")) : null,
    query: new URLSearchParams(search),
  };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function nowhere() {
  return [
    heading("Not found"),
    empty("There is no such page.", h("a", { href: "#/" }, "To the overview")),
  ];
}

function enter() {
  localStorage.setItem(kSignedIn, "yes");
  asking = false;
  shell = new Shell(kPlaces);
  fill(app, shell.element);
  live.start();
  show();
}

function askForToken(why) {
  page?.abort();
  live.stop();
  shell = null;
  asking = true;
  document.title = "Sign in · Godwit";
  fill(app, login(why, enter));
  app.querySelector("input").focus();
}

// Whether a cookie of before still holds, only an answer tells. Who never signed in here has none.
async function begin() {
  if (!localStorage.getItem(kSignedIn)) return askForToken(null);
  try {
    await get("/stats");
    enter();
  } catch (error) {
    if (error.status !== 401) fill(app, unreachable(error));
  }
}

function unreachable(error) {
  return h("div", { class: "alone" }, empty(error.message, button("Try again", begin)));
}

session.addEventListener("ended", ({ detail }) => {
  if (asking) return; // Several requests may hear of it.
  localStorage.removeItem(kSignedIn);
  if (detail === "left") askForToken("You are signed out.");
  else askForToken("Your session has ended. Please enter the token again.");
});
live.addEventListener("state", entitle);
window.addEventListener("hashchange", () => {
  show();
  shell?.main.querySelector("h1")?.focus({ preventScroll: true });
});
begin();
