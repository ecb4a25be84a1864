// What is fetched once, when it is first opened, is fetched again by the next opening if that failed.
for (const failure of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(failure, ({ detail }) => {
    const source = detail.ctx?.sourceElement;
    if (source?.matches('[hx-trigger$=" once"]')) htmx.process(source, true);
  });
}
