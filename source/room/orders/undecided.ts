import {type Refusal, refusal} from '../../core/text/refusal.ts';
import type {Room} from '../parts/parts.ts';

/** While the loss of data in Redis is undecided, nothing continues and nothing is added: the refusal names both decisions. */
export const undecided = async ({link}: {readonly link: Pick<Room['link'], 'isRecovering' | 'finding'>}): Promise<Refusal | undefined> =>
	link.isRecovering()
		? refusal(
				'redis-lost-data',
				`${link.finding()}, and you have not decided yet.`,
				'`agent-room rebuild` rebuilds it from the journal, `agent-room rebuild --start-empty` gives up what is lost.',
			)
		: undefined;
