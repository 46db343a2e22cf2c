import { Argument, Command } from 'commander'
import { about } from './about.ts'
import type { Shell } from './completion/scripts.ts'

/** Shells for which there is a script. Named here too, so that no other command loads the scripts. */
const SHELLS = ['bash', 'zsh', 'fish'] as const satisfies readonly Shell[]

/** @param wholeProgram the tree with the commands of all plug-ins */
export function completionCommand(wholeProgram: () => Promise<Command>): Command {
  const completion = new Command('completion')
    .description('print the script that completes commands and options in a shell; --help says where it goes')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', WHERE)
  return about(completion, {
    examples: ['lariat completion bash > ~/.lariat-completion', 'lariat completion zsh > ~/.zfunc/_lariat'],
    noResult: 'what it prints is a script of the shell',
    noProgress: 'the tree of commands comes with it',
  }).action(async (shell: Shell) => {
    const { placesOf } = await import('./completion/places.ts')
    const { completionScript } = await import('./completion/scripts.ts')
    process.stdout.write(completionScript(shell, await placesOf(await wholeProgram())))
  })
}

const WHERE = `
bash   source <(lariat completion bash) in ~/.bashrc,
       or lariat completion bash > /etc/bash_completion.d/lariat for everybody
zsh    lariat completion zsh > ~/.zfunc/_lariat, where ~/.zfunc is in $fpath before compinit
fish   lariat completion fish > ~/.config/fish/completions/lariat.fish`
