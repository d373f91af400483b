// Our colours for Stripe's fields: its frame is of another origin and sees none of our style sheets.
const root = document.documentElement;

/** A colour as `rgb(…)`: Stripe does not read the newer notations that the theme is written in. */
function rgb(color) {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

/** What `stripe.elements({ appearance })` takes, in the theme of this moment. */
export function appearance() {
  const styles = getComputedStyle(root);
  const color = (name) => rgb(styles.getPropertyValue(`--${name}`).trim());
  const ring = `0 0 0 3px ${color("ring")}`;
  return {
    theme: root.classList.contains("dark") ? "night" : "stripe",
    variables: {
      colorPrimary: color("primary"),
      colorBackground: color("card"),
      colorText: color("foreground"),
      colorTextSecondary: color("muted-foreground"),
      colorTextPlaceholder: color("muted-foreground"),
      colorDanger: color("destructive"),
      fontFamily: "system-ui, sans-serif",
      fontSizeBase: "17px",
      borderRadius: "12px",
      spacingUnit: "4.5px",
    },
    rules: {
      ".Input": { borderColor: color("input"), boxShadow: "none" },
      ".Input:focus": { borderColor: color("ring"), boxShadow: ring },
      ".Input--invalid": { borderColor: color("destructive") },
      ".Tab": { borderColor: color("input") },
      ".Tab:focus": { borderColor: color("ring"), boxShadow: ring },
      ".Label": { fontWeight: "600" },
    },
  };
}

/** Call back whenever the visitor, or their system, changes the theme. */
export function onThemeChange(callback) {
  new MutationObserver(callback).observe(root, { attributeFilter: ["class"] });
}
