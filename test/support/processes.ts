import { readdirSync, readFileSync } from 'node:fs'

/** Ids of running processes whose command line has `text` in it, this one left out. */
export function processesOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandOf(name).includes(text))
    .map(Number)
}

/** Whether a process runs: one that has ended and waits to be fetched by its parent does not. */
export function alive(pid: number): boolean {
  return commandOf(String(pid)) !== ''
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '' // it has ended since the folder was read
  }
}
