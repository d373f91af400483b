// Runs before the first paint: the chosen theme, or the system's, without a flash.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const KEY = "theme";

  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1];
    }
  };
  const choice = () => (["light", "dark"].includes(stored()) ? stored() : "system");
  const isDark = () => choice() === "dark" || (choice() === "system" && system.matches);

  const paint = () => {
    root.classList.toggle("dark", isDark());
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", isDark() ? "#0b1026" : "#f9fafd");
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice()));
    }
  };

  const remember = (theme) => {
    const age = theme === "system" ? 0 : 31536000;
    document.cookie = `${KEY}=${theme}; path=/; max-age=${age}; samesite=lax`;
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // Storage is closed to us: the cookie remembers.
    }
    paint();
  };

  root.dataset.js = "";
  paint();
  document.addEventListener("DOMContentLoaded", paint);
  system.addEventListener("change", paint);
  addEventListener("storage", paint);
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest?.("[data-theme-choice]");
    if (chosen) remember(chosen.dataset.themeChoice);
    else if (event.target.closest?.("[data-theme-toggle]")) remember(isDark() ? "light" : "dark");
  });
})();
