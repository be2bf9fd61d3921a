/**
 * Radix keeps the page behind a dialog still by a style element of its own, which the policy of the page allows only
 * with the nonce of this reply. It asks for it under the name that webpack gave it; Vite leaves it in a meta element.
 */
Object.defineProperty(globalThis, '__webpack_nonce__', {
  configurable: true,
  get: () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce,
})
