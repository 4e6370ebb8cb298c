// Before anything is painted: light or dark, where the user has chosen one.
{
  const chosen = localStorage.getItem("godwit.theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
}
