export const core: string[]; export const work: string[];
