import {AsyncLocalStorage} from 'node:async_hooks';

type Order = {readonly by: string; isOver: boolean};

const orders = new AsyncLocalStorage<Order>();

/**
 * Performs a human's order: events written until `work` is done name `by`. What it starts without awaiting (an attempt, a timer) writes
 * without a name afterwards.
 */
export const orderedBy = async <T>(by: string, work: () => Promise<T>): Promise<T> => {
	const order: Order = {by, isOver: false};
	try {
		return await orders.run(order, work);
	} finally {
		order.isOver = true;
	}
};

/** Runs `work` without a name: the present order merely triggers it. */
export const inNobodysName = (work: () => void): void => orders.exit(work);

/** The name for a script's events now, '' for none. One line: it follows the op-id. */
export const orderNow = (): string => {
	const order = orders.getStore();
	return order === undefined || order.isOver ? '' : order.by;
};
