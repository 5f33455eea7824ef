export const handler = async (event) => ({ mirrored: event, runtime: process.version, bus: process.env.FACTS_BUS });
