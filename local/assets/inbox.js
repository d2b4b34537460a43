// Looks for new mail, and shows it.
const shown = Number(document.getElementById("mails").dataset.count);
setInterval(async () => {
  try {
    const mails = await (await fetch("/_local/inbox.json")).json();
    if (mails.length !== shown) location.reload();
  } catch {
    // The instance has been stopped; perhaps it comes back.
  }
}, 1500);
