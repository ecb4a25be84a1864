// Tells the site which day it is for the reader, and shows times by the reader's clock.
const YEAR = 60 * 60 * 24 * 365;
const SHORT = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function show(root) {
  for (const time of root.querySelectorAll("time[datetime]:empty")) {
    const moment = new Date(time.dateTime);
    const isToday = moment.toDateString() === new Date().toDateString();
    time.textContent = (isToday ? SHORT : LONG).format(moment);
    time.title = LONG.format(moment);
  }
}

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
document.cookie = `time_zone=${timeZone}; path=/; max-age=${YEAR}; samesite=lax`;
show(document);
document.addEventListener("htmx:after:process", (event) => show(event.target));
