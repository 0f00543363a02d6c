// Helpers that read and build the page.

export const byId = (id) => document.getElementById(id);

// An element with properties, or attributes where the name has a hyphen, and
// children: nodes or text. Never markup, so a server's message stays text.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}
