// Feature bits of the rarer domains (Home Assistant's).
export const ALARM = { home: 1, away: 2, night: 4, trigger: 8, bypass: 16, vacation: 32 } as const;
export const HUMIDIFIER = { modes: 1 } as const;
export const MOWER = { start: 1, pause: 2, dock: 4 } as const;
export const SIREN = { tones: 4, volume: 8, duration: 16 } as const;
export const TODO = {
  create: 1,
  delete: 2,
  update: 4,
  move: 8,
  dueDate: 16,
  dueDatetime: 32,
  description: 64,
} as const;
export const UPDATE = { install: 1, version: 2, progress: 4, backup: 8, notes: 16 } as const;
export const VACUUM = { pause: 4, stop: 8, dock: 16, speed: 32, locate: 512, spot: 1024, start: 8192 } as const;
export const VALVE = { open: 1, close: 2, position: 4, stop: 8 } as const;
export const WATER_HEATER = { temperature: 1, mode: 2, away: 4, power: 8 } as const;
export const WEATHER = { daily: 1, hourly: 2, twiceDaily: 4 } as const;
