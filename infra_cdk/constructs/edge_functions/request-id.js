// The caller's id of a request for the page, if it sent a sane one, else CloudFront's own.
function handler(event) {
  var given = event.request.headers['x-request-id'];
  var sane = given && /^[A-Za-z0-9._:\/+=-]{1,128}$/.test(given.value);
  event.response.headers['x-request-id'] = { value: sane ? given.value : event.context.requestId };
  return event.response;
}
