import type {Drawing} from '../draw/context.ts';
import {NO_OVERFLOW} from '../state/descriptor.ts';
import type {Overflow} from '../state/message.ts';
import {dialogOverflow, pageContent} from './registry.ts';

export const overflowOf = (drawing: Drawing): Overflow => ({
	page: pageContent(drawing)?.overflow ?? NO_OVERFLOW,
	...dialogOverflow(drawing),
});
