// Before the first paint: the theme that this browser chose. A file of its own, for the hub allows no inline scripts.
try {
  const { theme } = JSON.parse(localStorage.getItem("hearth.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Nothing kept, or not readable: the system's theme.
}
