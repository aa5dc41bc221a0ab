// Writes the caller's own address, over whatever the caller has sent by that name.
function handler(event) {
  event.request.headers['x-viewer-address'] = { value: event.viewer.ip };
  return event.request;
}
