// Quiet requests to our own desk: the header asks for a status instead of the sign-in page.
const quiet = { "X-Earshot-Live": "1" };

export function post(address, body, more = {}) {
  return fetch(address, {
    method: "POST",
    body: new URLSearchParams(body),
    redirect: "manual",
    ...more,
    headers: { ...quiet, ...more.headers },
  });
}

export function get(address, headers = {}) {
  return fetch(address, { headers: { ...quiet, ...headers } });
}
