export const offline = {
  since: (at: string) => `The server cannot be reached since ${at}. Nothing can be changed until it is back.`,
  from: (at: string, ago: string) =>
    `The server cannot be reached. What you see is from ${at}, ${ago}. Nothing can be changed until it is back.`,
  reason: 'The server cannot be reached. This works again when it is back.',
  notSent: {
    title: 'The server cannot be reached',
    detail: 'Nothing was sent, and nothing will be sent later.',
    fix: 'Try again when the bar above is gone.',
  },
  device: 'This device',
  deviceText: 'The dashboard as an app of its own, and what it shows while the server is out of reach.',
  install: 'Install the app',
  installed: 'This is the installed app.',
  installing: 'The browser installs it. You find it among your apps.',
  ways: {
    offer: 'A window of its own, a place among your apps, and messages like those of any other.',
    ios: 'In Safari: Share, then “Add to Home Screen”. Messages reach an iPhone or iPad only in the app.',
    mac: 'In Safari: File, then “Add to Dock”.',
    menu: 'In the menu of the browser: “Install app” or “Add to Home screen”. Not every browser has it.',
    insecure: 'Browsers install only what comes over HTTPS. The manual says how: “Behind a proxy”.',
  },
  keeps: 'Keep what was seen last on this device',
  keepsHint:
    'Shown with its age while the server cannot be reached. Lists, nodes, reports and plans, for a week; no logs and no secrets. It goes when you sign out.',
  keepsUnable: 'Over plain HTTP a browser keeps nothing: without the server there is nothing to see.',
}
