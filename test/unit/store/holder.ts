// Takes the lock of the data folder in argv[2] and holds it until it is killed.
import { lockDataDir } from '../../../src/store/lock.ts'

const lock = lockDataDir(process.argv[2] ?? '')
process.stdout.write('locked\n')
setInterval(() => lock, 1_000)
