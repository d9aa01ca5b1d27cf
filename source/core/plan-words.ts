/** `hold` of a task whose planning gave nothing that could be accepted begins with this. */
export const NO_NEW_PLAN = 'there is no new plan';

/** Who asks for a plan to be accepted, and has none: a person writes one, has it planned again, or ends it. */
export const isWithoutPlan = ({asks, hold}: {readonly asks: string; readonly hold: string}): boolean =>
	asks === 'plan' && hold.startsWith(NO_NEW_PLAN);
