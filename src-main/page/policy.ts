/**
 * Response headers that both hosts send with every file of the page: nothing from elsewhere is loaded, run, framed or
 * connected to.
 * @param connect origins besides the page's own that it may connect to, such as "ws://127.0.0.1:8417"
 */
export function pageHeaders(connect: readonly string[] = []): Record<string, string> {
  const directives = [
    "default-src 'self'",
    "script-src 'self'",
    // radix-ui's scroll lock and select put <style> elements into the page; styles cannot run code.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    ["connect-src 'self'", ...connect].join(' '),
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'Content-Security-Policy': directives.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
  }
}
