// Asks before something is done that cannot be undone.

import { freshId, h } from "./dom.js";
import { button, problem } from "./parts.js";

// Runs work() when the user says yes, and stays open with what went wrong if it fails. True once it
// is done.
export function ask({ title, text, action, work }) {
  return new Promise((resolve) => {
    const id = freshId();
    const trouble = h("div");
    const yes = button(action, confirm, { kind: "danger" });
    const no = button("Cancel", () => close(false));
    const dialog = h(
      "dialog",
      { "aria-labelledby": id, oncancel: (event) => (event.preventDefault(), close(false)) },
      h("h2", { id }, title),
      h("p", {}, text),
      trouble,
      h("div", { class: "dialog-buttons" }, no, yes),
    );
    async function confirm() {
      yes.disabled = true;
      try {
        await work();
        close(true);
      } catch (error) {
        trouble.replaceChildren(problem(error));
        yes.disabled = false;
      }
    }
    function close(done) {
      dialog.close();
      dialog.remove();
      resolve(done);
    }
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}
