// Asks for the token, once: the broker gives a cookie for it.

import { signIn } from "../api.js";
import { fill, h } from "../dom.js";
import { button, code, field, form, input, problem } from "../parts.js";

// `why` says why one is here, or null; entered() runs once the token was right.
export function login(why, entered) {
  const token = input({
    type: "password",
    name: "token",
    required: true,
    autocomplete: "current-password",
  });
  const trouble = h(
    "div",
    { class: "login-trouble" },
    why && h("p", { class: "login-why", role: "status" }, why),
  );
  const go = button("Sign in", null, { kind: "primary", type: "submit" });

  async function submit() {
    go.disabled = true;
    try {
      await signIn(token.value.trim());
      entered();
    } catch (error) {
      fill(trouble, problem(error.status === 401 ? new Error("That is not the token.") : error));
      token.select();
    } finally {
      go.disabled = false;
    }
  }

  return h(
    "main",
    { class: "alone" },
    form(
      { class: "login" },
      submit,
      h("img", { src: "logo.svg", alt: "", width: "64", height: "64" }),
      h("h1", {}, "Godwit"),
      field("Token", token),
      go,
      trouble,
      h(
        "p",
        { class: "hint" },
        "The broker made the token at its first start and keeps it in the file ",
        code("admin.token"),
        " of its data directory, or where ",
        code("admin.token_file"),
        " says.",
      ),
    ),
  );
}
