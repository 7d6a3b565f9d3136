/** What to try where a proxy is set that Node's `fetch` does not ask; otherwise nothing. */
export function proxyHint(environment: NodeJS.ProcessEnv = process.env): string {
  const proxy = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].find((name) => environment[name]);
  if (proxy === undefined || environment.NODE_USE_ENV_PROXY === "1") return "";
  return `${proxy} is set, which Node 22.21, 24 and later follow with NODE_USE_ENV_PROXY=1. `;
}
