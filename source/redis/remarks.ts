import type {Coordination} from '../core/coordination.ts';
import {STAGES} from '../core/task.ts';
import {safeId, safeWord} from './guards.ts';
import {wordOf, wordsOf} from './replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts.ts';

/** A person's remarks about changes. */
export const createRemarks = (
	run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>,
): Pick<Coordination, 'remark'> => ({
	async remark({task, remark, role, feedback, text}) {
		const given = {
			task: safeId(task),
			remark: JSON.stringify(remark),
			isMustFix: remark.severity === 'must-fix',
			role: safeWord(role),
			feedback,
			text,
		};
		const [word, named, owner = ''] = wordsOf(await run('remark', given));
		const code = wordOf([word], 'ok', 'back', 'landing', 'full', 'gone');
		const stage = STAGES.find(known => known === named) ?? 'develop';
		if (code === 'ok') return {code, stage, owner};
		return code === 'back' ? {code, stage} : {code};
	},
});
