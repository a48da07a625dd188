/** How the names of all metrics of ours begin. */
export const PREFIX = 'truepeer_forwarder_';
