#!/usr/bin/env node
// The `carl` command inside of the image. It may be started as root, and never stays it: the data folder is given to an
// ordinary user, secrets that only root can read are put where that user can, and then root is dropped for good.
'use strict'
const fs = require('fs')
const path = require('path')

const carl = path.join(__dirname, '..', 'carl.cjs')
const ordinary = 1000
const ending = '_FILE'

/** Numbers from PUID and PGID; else whoever owns the data folder; else 1000. */
function chooseUser(dataFolder) {
  const given = ['PUID', 'PGID'].map((name) => {
    const text = process.env[name]
    if (text === undefined || text === '') return undefined
    if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text)
    stop(`${name} has to be a number above 0; it is "${text.slice(0, 20)}".`)
  })
  const owner = fs.statSync(dataFolder)
  const uid = given[0] ?? (owner.uid > 0 ? owner.uid : ordinary)
  const gid = given[1] ?? (owner.gid > 0 ? owner.gid : uid)
  return { uid, gid }
}

/** Gives the data folder, and nothing else, to the user. Only what is not theirs yet is touched. */
function giveFolder(folder, { uid, gid }) {
  const { uid: owner, gid: group } = fs.lstatSync(folder)
  if (owner !== uid || group !== gid) fs.lchownSync(folder, uid, gid)
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const inside = path.join(folder, entry.name)
    if (entry.isDirectory()) giveFolder(inside, { uid, gid })
    else {
      const stat = fs.lstatSync(inside)
      if (stat.uid !== uid || stat.gid !== gid) fs.lchownSync(inside, uid, gid)
    }
  }
}

/** Files of secrets often belong to root alone: their content goes into memory of ours, readable for the user. */
function handOverSecrets({ uid, gid }) {
  for (const [name, file] of Object.entries(process.env)) {
    if (!name.endsWith(ending) || !file || name === 'AUDIT_CHECKPOINT_FILE' || !fs.existsSync(file)) continue
    const { mode, uid: owner, gid: group } = fs.statSync(file)
    const mayRead =
      (mode & 0o004) !== 0 ||
      (owner === uid && (mode & 0o400) !== 0) ||
      (group === gid && (mode & 0o040) !== 0)
    if (mayRead) continue
    const folder = fs.mkdtempSync(path.join(fs.existsSync('/dev/shm') ? '/dev/shm' : '/tmp', 'carl-'))
    const copy = path.join(folder, 'secret')
    fs.copyFileSync(file, copy)
    fs.chmodSync(copy, 0o400)
    fs.chownSync(copy, uid, gid)
    fs.chownSync(folder, uid, gid)
    process.env[name] = copy
    // An engine asks for the health of the server every half minute: copies that stayed would fill the memory in days.
    process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
  }
}

function stop(words) {
  console.error(`✗ ${words}`)
  process.exit(78)
}

function dropRoot() {
  const dataFolder = path.resolve(process.env.DATA_DIR || './data')
  try {
    fs.mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
    const user = chooseUser(dataFolder)
    // Whoever only asks whether it is well changes nothing, and need not go through all logs for that.
    if (process.argv[2] !== 'health') giveFolder(dataFolder, user)
    handOverSecrets(user)
    process.setgroups([])
    process.setgid(user.gid)
    process.setuid(user.uid)
  } catch (error) {
    stop(
      `Started as root, ${dataFolder} cannot be given to an ordinary user: ${error.message}. Start it with user: "1000:1000", and give the folder to that user.`,
    )
  }
  // Whatever SSH and others keep for a user: the home of root is none of theirs.
  process.env.HOME = '/tmp'
}

if (process.getuid() === 0) dropRoot()
require(carl)
