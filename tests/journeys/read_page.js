// What a crawler must know of the page it stands on; answers one object.
() => {
  const SILENT = "script, style, noscript, template, select[name=timezone] *, select[name=locale] *";
  const ATTRIBUTES = ["alt", "aria-label", "content", "placeholder", "title", "value"];
  const NOT_WORDS = /^data-(token|name|email|variant|size|panel|status|state|seconds|now|call|call-part|pay|.*(-at|url|offer|creator|booking|watch|return).*)$/;
  const isSaid = (element, { name }) =>
    name === "content" ? element.matches("meta[name=description]") :
    name === "value" ? element.matches("[type=submit], [type=button]") :
    ATTRIBUTES.includes(name) || (name.startsWith("data-") && !NOT_WORDS.test(name));
  const languageOf = (element) => element.closest("[lang]")?.lang;

  const texts = [];
  const nodes = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const element = nodes.currentNode.parentElement;
    if (element && !element.closest(SILENT)) texts.push([languageOf(element), nodes.currentNode.data]);
  }
  for (const element of document.querySelectorAll("*")) {
    if (element.matches(SILENT)) continue;
    for (const attribute of element.attributes) {
      if (isSaid(element, attribute)) texts.push([languageOf(element), attribute.value]);
    }
  }

  const alternates = document.querySelectorAll("link[rel=alternate][hreflang]");
  const loaded = performance.getEntriesByType("resource");
  const weight = (ending) =>
    loaded.filter(({ name }) => name.startsWith(location.origin) && name.endsWith(ending))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  return {
    lang: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll("h1")].filter((h1) => h1.checkVisibility()).map((h1) => h1.textContent.trim()),
    alternates: Object.fromEntries([...alternates].map((link) => [link.hreflang, link.href])),
    switchers: [...document.querySelectorAll("a[data-language]")].map((link) => [link.hreflang, link.getAttribute("href")]),
    links: [...document.querySelectorAll("a[href]")].map((link) => link.href),
    hasTimes: Boolean(document.querySelector("main time, main .date-tile")),
    main: document.querySelector("main")?.innerText ?? "",
    texts,
    script: weight(".js"),
    style: weight(".css"),
    shift: window.layoutShift ?? 0,
    shifted: window.shifted ?? [],
    isDark: document.documentElement.classList.contains("dark"),
  };
};
