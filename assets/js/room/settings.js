// The dialog in which camera, microphone and speaker are changed during the call.
import { choose, chosen } from "../call/chosen.js";
import { part, text } from "./dom.js";
import { listDevices } from "./devices.js";
import { keysWork, setKeys } from "./keys.js";

const canChooseSpeakers = "setSinkId" in HTMLMediaElement.prototype;

/** Use the speaker that was chosen, where the browser lets a page choose. */
export function useSpeaker(sound) {
  const { speaker } = chosen();
  if (speaker && canChooseSpeakers) sound.setSinkId(speaker).catch(() => {}); // unplugged since: the system's
}

/** Wire the dialog to the devices and to what plays the sound. Answers how to open it. */
export function settingsOf(devices, sound) {
  const dialog = part("settings");
  const selects = Object.fromEntries([...dialog.querySelectorAll("select")].map((one) => [one.dataset.roomDevice, one]));
  const keys = part("keys");

  async function fill() {
    const found = await listDevices();
    for (const [kind, select] of Object.entries(selects)) {
      const options = found[kind].map((device, index) => {
        const name = device.label || text("device_unnamed", { name: String(index + 1) });
        return new Option(name, device.deviceId);
      });
      if (kind === "speaker" || !options.length) options.unshift(new Option(text("device_default"), ""));
      select.replaceChildren(...options);
      const present = devices.tracks[kind]?.getSettings().deviceId ?? chosen()[kind];
      if (options.some((option) => option.value === present)) select.value = present;
    }
    part("speaker").hidden = !canChooseSpeakers;
  }

  dialog.addEventListener("change", ({ target }) => {
    const kind = target.dataset.roomDevice;
    if (target === keys) setKeys(keys.checked);
    else if (kind === "speaker") {
      choose(kind, target.value);
      if (canChooseSpeakers) sound.setSinkId(target.value).catch(fill);
    } else if (kind && target.value) devices.choose(kind, target.value).then(fill);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  devices.on("plugged", () => dialog.open && fill());
  return async () => {
    keys.checked = keysWork();
    await fill();
    dialog.showModal();
  };
}
