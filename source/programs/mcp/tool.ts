import {z} from 'zod';
import type {Report} from '../../core/protocol.ts';
import type {Stage} from '../../core/task.ts';

/** What a client may know of a tool beforehand; every tool acts within the room only. */
export type Manner = 'reads' | 'tells' | 'ends';

/** A tool of the room's MCP server as data: what a model reads of it, and the report that a call becomes. */
export type Tool = {
	readonly name: string;
	readonly title: string;
	/** Written for a model: what it is for, what comes back, what to do then. */
	readonly description: string;
	readonly manner: Manner;
	/** Who is offered it. */
	readonly stages: readonly Stage[];
	readonly input: z.ZodObject;
	/** The report of a call whose input fits. */
	readonly report: (input: unknown) => Report;
	/** What is answered where the room has nothing to say. */
	readonly done: string;
};

/** A row whose report knows the input that its schema lets through. */
export const tool = <Shape extends z.ZodRawShape>({
	input,
	report,
	...row
}: Omit<Tool, 'input' | 'report'> & {
	readonly input: Shape;
	readonly report: (input: z.infer<z.ZodObject<Shape>>) => Report;
}): Tool => {
	const schema = z.object(input);
	return {...row, input: schema, report: given => report(schema.parse(given))};
};
