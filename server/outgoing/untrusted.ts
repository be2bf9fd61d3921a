/** OpenSSL and Node about certificates that do not hold. */
const untrusted =
  /(?:CERT_[A-Z_]+|ERR_TLS_CERT[A-Z_]*|DEPTH_ZERO[A-Z_]*|SELF_SIGNED[A-Z_]*|UNABLE_TO_(?:VERIFY|GET_ISSUER)[A-Z_]*)|self-signed certificate/

/** Says by its word what is wrong with a certificate; null where the error is about something else. */
export function whyUntrusted(error: unknown): string | null {
  const { code, originalCode, message } = error as { code?: string; originalCode?: string; message?: string }
  return untrusted.exec(`${code ?? ''} ${originalCode ?? ''} ${message ?? ''}`)?.[0] ?? null
}
