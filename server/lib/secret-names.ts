/**
 * Names of fields that are never written down, whoever passes them by mistake: in the log, in the audit trail. `tokenId`
 * and `hasSudoPassword` are none.
 */
const secretName =
  /^(?:(?:current|new|old|sudo|admin|user)?_?password|passphrase|private_?key|(?:access|refresh|id|session|bearer|csrf|setup)?_?token|(?:client|totp|shared)?_?secret|(?:set-)?cookie2?|authorization|proxy-authorization|api_?key|x-api-key|master_?key|recovery_?codes?|password_?hash|token_?hash|code_?verifier|assertion)$/i

/** Says whether a field by this name holds a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** What stands in the place of a secret. */
export const mask = '▮▮▮'
