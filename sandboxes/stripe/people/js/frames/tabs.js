/** The choice between payment methods: arrow keys move, as tabs do; hidden when there is nothing to choose. */
export class Tabs {
  #list = document.querySelector("[role=tablist]");
  #tabs = [...this.#list.querySelectorAll("[role=tab]")];
  #onSelect;
  selected = null;

  constructor(onSelect) {
    this.#onSelect = onSelect;
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.select(tab.dataset.method));
    this.#list.addEventListener("keydown", (event) => this.#move(event));
  }

  offer(methods) {
    for (const tab of this.#tabs) tab.hidden = !methods.includes(tab.dataset.method);
    this.#list.hidden = methods.length < 2;
    if (!methods.includes(this.selected)) this.select(methods[0]);
  }

  /** Selects a method, or none with null. */
  select(method) {
    this.selected = method;
    const reachable = method ?? this.#offered()[0]?.dataset.method;
    for (const tab of this.#tabs) {
      const isSelected = tab.dataset.method === method;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.classList.toggle("Tab--selected", isSelected);
      tab.tabIndex = tab.dataset.method === reachable ? 0 : -1;
    }
    this.#onSelect(method);
  }

  #offered() {
    return this.#tabs.filter((tab) => !tab.hidden);
  }

  #move(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const offered = this.#offered();
    const next = offered[(offered.indexOf(document.activeElement) + step + offered.length) % offered.length];
    this.select(next.dataset.method);
    next.focus();
  }
}
