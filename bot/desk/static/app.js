// The desk's scripts. Each page works without them: they only save clicks, keep words safe and count seconds.
import { composer } from "./composer.js";
import { countdowns } from "./countdown.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { opening } from "./opening.js";
import { copies, dialogs, drawers, theme, toast } from "./parts.js";

dialogs();
drawers();
theme();
toast();
copies();
opening();
countdowns();
keys();
live(composer());
