// Browsers offer crypto.randomUUID only over https and on localhost; hx-ws calls it, wherever the site is.
const VERSION_4 = "10000000-1000-4000-8000-100000000000";

crypto.randomUUID ??= () =>
  VERSION_4.replace(/[018]/g, (digit) => {
    const random = crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4));
    return (digit ^ random).toString(16);
  });
