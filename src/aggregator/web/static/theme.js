// Sets the theme that was chosen in this browser, before anything is drawn.
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
