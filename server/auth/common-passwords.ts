/**
 * Words that lists of leaked passwords are full of, in plain letters (`p@ssw0rd` is `password`). What such a word adds
 * to a password is next to nothing. Where one holds another, the longer comes first.
 */
export const commonWords: readonly string[] = `
  administrator superuser sysadmin iloveyou password passwort passphrase contrasena motdepasse trustnoone trustno
  basketball volleyball baseball football superman princess sunshine starwars whatever computer internet michelle
  jennifer changeme changeit homelab portainer raspberry proxmox truenas synology unraid docker letmein welcome
  willkommen bienvenue default charlie freedom batman master monkey dragon shadow hunter killer soccer hockey ranger
  jordan robert thomas daniel andrew joshua george summer winter autumn spring sommer secret geheim access system
  server client ginger pepper cookie flower cheese orange banana purple silver golden google facebook linkedin
  pokemon matrix qwerty qwertz azerty admin guest login hello hallo money angel house pass test user root love home
  temp demo
`
  .trim()
  .split(/\s+/)

/** Long passwords that look good and stand in every list, in plain letters without spaces. */
export const commonPhrases: ReadonlySet<string> = new Set(
  `correcthorsebatterystaple correcthorsebattery horsebatterystaple thequickbrownfox quickbrownfoxjumps
  maythefourthbewithyou maytheforcebewithyou tobeornottobe onceuponatime lettherebelight iamyourfather
  winteriscoming youshallnotpass livelongandprosper openthepodbaydoors neveragainforever nevergonnagiveyouup
  mypasswordisstrong thisismypassword thisisapassword thereisnospoon itsasecret`
    .trim()
    .split(/\s+/),
)
