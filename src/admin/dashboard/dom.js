// Builds elements. Text becomes text nodes and nothing else, so that what clients send (ids,
// topics, payloads) is never taken for markup.

const kSvg = "http://www.w3.org/2000/svg";

// h("a", {class: "link", href: "#/log", onclick: open}, "Log"). False, null and undefined are left out,
// among attributes and children alike.
export function h(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(kSvg, tag), attributes, children);
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in kProperties) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

// What an attribute only sets at the start.
const kProperties = { value: true, checked: true, disabled: true, hidden: true };

export function fill(element, ...children) {
  element.replaceChildren(...present(children));
  return element;
}

function present(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false);
}

// As fill(), but an element that would stay the same keeps its place, its focus and its selection.
export function renew(element, ...children) {
  const wanted = present(children).map((child) =>
    child instanceof Node ? child : document.createTextNode(String(child)),
  );
  wanted.forEach((child, i) => {
    const there = element.childNodes[i];
    if (!there) element.append(child);
    else if (!there.isEqualNode(child)) there.replaceWith(child);
  });
  while (element.childNodes.length > wanted.length) element.lastChild.remove();
  return element;
}

let names = 0;

// A fresh value for an id, to tie a label or a description to its element.
export function freshId() {
  names += 1;
  return `e${names}`;
}
