import type {LandingOrders} from './landing-orders.ts';
import type {TurnOrders} from './turn-orders.ts';

/** What a person orders beside the work itself, each one atomic step. */
export type PersonOrders = TurnOrders & LandingOrders;
