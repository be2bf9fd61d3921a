/**
 * What makes a text look like it holds a secret. The word before the value counts as much as its shape: most passwords
 * look like nothing. A false alarm costs one line of an explanation; a miss costs a password.
 */
const patterns: readonly RegExp[] = [
  // A named value: password=…, "api_key": "…", DB_PASSWORD: …, token is …
  /(?:pass(?:word|wd|phrase|code|wort)?|kennwort|pwd|secret|token|api[-_ ]?key|access[-_ ]?key|auth[-_ ]?key|private[-_ ]?key|credentials?|session(?:[-_ ]?id)?)["'\]]{0,3}\s{0,8}(?:=>?|:=?|\bis\b|\bwas\b|\blautet\b)\s{0,8}["'[({<]{0,3}\S/i,
  // …_PASSWORD and the like as the name of a variable, however it is set.
  /\b[a-z0-9]{0,40}_?(?:PASSWORD|PASSWD|SECRET|TOKEN|APIKEY|API_KEY)(?:_FILE)?\s{0,4}[=:]/i,
  // Options that carry one.
  /(?:^|\s)--?(?:pass(?:word|wd|phrase)?|secret|token|api-?key|requirepass|auth)(?:=|\s+)\S/i,
  /\b(?:mysql|mysqldump|mariadb|mongo|redis-cli|sshpass|smbclient|ldapsearch)\b[^\n]{0,200}\s-(?:p|a|w|U)\s?\S/i,
  /\bcurl\b[^\n]{0,400}\s(?:-u|--user|--proxy-user|-b|--cookie)[\s=]?\S/i,
  // Headers.
  /\b(?:proxy-)?authorization\b\s{0,4}[:=]?\s{0,4}\S/i,
  /\b(?:bearer|basic|digest|negotiate)\s+[a-z0-9+/_.~=-]{8,}/i,
  /\b(?:set-)?cookie\s{0,4}:/i,
  /\bx-(?:api-key|auth-token|amz-security-token|vault-token)\b/i,
  // Addresses with a name and password.
  /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/@:]{0,200}:[^\s/@]{1,200}@/i,
  /\botpauth:\/\//i,
  // Keys by their shape.
  /-----\s?BEGIN\b/i,
  /\bPRIVATE KEY\b/,
  /\beyJ[\w-]{5,}\.[\w-]{5,}/,
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}/,
  /\b(?:gh[pousr]_|github_pat_|glpat-|gldt-|npm_|pypi-|dop_v1_|hf_|shpat_|sq0|rk_live_|sk_live_|pk_live_|whsec_|tskey-|hvs\.|s\.[A-Za-z0-9]{20})/,
  /\bsk-[a-z0-9-]{0,12}[A-Za-z0-9_-]{12,}/,
  /\bxox[abeoprs]-/i,
  /\bAIza[\w-]{20,}/,
  /\bSG\.[\w-]{10,}/,
  /\bAGE-SECRET-KEY-/i,
  /hooks\.slack\.com\/|discord(?:app)?\.com\/api\/webhooks|api\.telegram\.org\/bot/i,
  /\$(?:2[aby]|5|6|y|argon2(?:id|i|d)|7)\$[\w./=,$-]{8,}/,
]

/**
 * Something of each pattern above. Most lines have none of it and need not be held against all of them: whoever adds a
 * pattern adds to this.
 */
const trace =
  /pass|kennwort|pwd|secret|token|key|credential|session|auth|mysql|mariadb|mongo|redis|smbclient|ldapsearch|curl|bearer|basic|digest|negotiate|cookie|:\/\/|begin|eyj|akia|asia|abia|acca|gh[pousr]_|github_|gl(?:pat|dt)-|npm_|pypi-|dop_|hf_|shpat_|sq0|_live_|whsec_|tskey|hvs\.|s\.[a-z0-9]{20}|sk-|xox|aiza|sg\.|slack|discord|telegram|\$/i

/** Long enough that a name or version seldom is. */
const longToken = /[A-Za-z0-9+/_=-]{20,}/g
const leastBitsPerSign = 3.4

/** Says whether a text may hold a secret; then nothing of it is sent. */
export function looksSecret(text: string): boolean {
  if (trace.test(text) && patterns.some((pattern) => pattern.test(text))) return true
  for (const [token] of text.matchAll(longToken)) if (isRandom(token)) return true
  return false
}

/** Mixed letters and digits without order. Hexadecimal is masked elsewhere; paths and names joined by signs are words. */
function isRandom(token: string): boolean {
  if (/^[0-9a-f-]+$/i.test(token)) return false
  return token
    .split(/[/_-]/)
    .some(
      (part) =>
        part.length >= 16 &&
        [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(part)).length >= 2 &&
        /\d/.test(part) &&
        bitsPerSign(part) >= leastBitsPerSign,
    )
}

function bitsPerSign(text: string): number {
  const counts = new Map<string, number>()
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}
