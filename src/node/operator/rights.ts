import { toFunctionSelector } from 'viem'
import { permissionControllerAbi } from '../../chain/abi/permissionController.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import { functionOf } from './calldata.ts'
import type { Step } from './plan.ts'
import type { OperatorSession, View } from './session.ts'

/**
 * Sees that the account of keys.ecdsa may send all steps: it is the operator's, or one that it appointed for each.
 * @throws LariatError `operator.rights` that names the first step it may not send, and what gives it the right
 */
export async function checkRights(
  { deployment, operator, sending }: Pick<OperatorSession, 'deployment' | 'operator' | 'sending'>,
  { read }: View,
  steps: readonly Step[],
): Promise<void> {
  const account = sending?.account
  if (account === undefined || account === operator) return
  const { permissionController } = deployment.core
  for (const step of steps) {
    if (step.by === 'anyone') continue
    if (step.by === 'operator' || permissionController === undefined) throw onlyOperator(step, account, operator)
    const selector = toFunctionSelector(functionOf(step))
    const allowed = await read({
      address: permissionController,
      abi: permissionControllerAbi,
      functionName: 'canCall',
      args: [operator, account, step.to, selector],
    })
    if (allowed) continue
    throw new LariatError(
      'operator.rights',
      `${account} (keys.ecdsa) may not ${step.what} for ${operator}: have the operator's account call setAppointee(${operator}, ${account}, ${step.to}, ${selector}) on the PermissionController ${permissionController}, which allows ${step.functionName}; or use --calldata`,
      { account, operator, target: step.to, selector },
    )
  }
}

function onlyOperator({ what }: Step, account: Address, operator: Address): LariatError {
  return new LariatError(
    'operator.rights',
    `only ${operator} itself may ${what}, and keys.ecdsa is the key of ${account}: name the operator's own keystore, or use --calldata and send it from there`,
    { account, operator },
  )
}
