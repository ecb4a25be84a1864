// What was posted to make a key is not posted again by a reload: that shows the keys, without the new secret.
const secret = document.querySelector(".key-secret");
if (secret) history.replaceState(null, "", secret.dataset.then);
