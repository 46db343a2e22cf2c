import { Command } from 'commander'
import { allocateCommand, deallocateCommand } from './operator/allocate.ts'
import { allocationDelayCommand } from './operator/allocationDelay.ts'
import { exitCommand } from './operator/exit.ts'
import { metadataCommand } from './operator/metadata.ts'
import { optInCommand } from './operator/optIn.ts'
import { optOutCommand } from './operator/optOut.ts'
import { registerCommand } from './operator/register.ts'
import { operatorStatusCommand } from './operator/status.ts'
import { rewardsCommand } from './rewards.ts'

export function operatorCommand(): Command {
  const operator = new Command('operator').description("the operator's life with the restaking core (docs/operator.md)")
  for (const command of [
    registerCommand(),
    operatorStatusCommand(),
    optInCommand(),
    allocateCommand(),
    deallocateCommand(),
    optOutCommand(),
    exitCommand(),
    metadataCommand(),
    allocationDelayCommand(),
    rewardsCommand('lariat operator'),
  ]) {
    operator.addCommand(command)
  }
  return operator
}
