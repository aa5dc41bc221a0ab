// The page lies in the bucket under its file's name.
function handler(event) {
  if (event.request.uri === '/') {
    event.request.uri = '/index.html';
  }
  return event.request;
}
