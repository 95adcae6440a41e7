import type { KeypadAction } from './actions.ts';

/** Words of a card: of what stands above it, and of every action. */
export interface CardWords {
  readonly title: string;
  readonly everybody: string;
  readonly moderators: string;
  readonly keys: string;
  readonly actions: Readonly<Record<KeypadAction, string>>;
}

/** The order in which every language says them; a test sees to it that none is missing. */
const ORDER = `mute | mute on | mute off | deaf | deaf on | deaf off | deaf mute | vol talk up | vol talk zero | vol talk dn | vol listen up
  | vol listen zero | vol listen dn | hangup | event | count | roll call | hand | hand up | hand down | lock | lock on | lock off | mute all
  | mute all on | mute all off | admit next | deny next | kick last | record | record on | record off | record pause | extend | transfer | energy up
  | energy equ | energy dn | floor | moh toggle | dial | agree | decline | play`;

const listed = (text: string): readonly string[] => text.split('|').map((each) => each.trim());

function words(head: readonly [title: string, everybody: string, moderators: string, keys: string], texts: string): CardWords {
  const [title, everybody, moderators, keys] = head;
  const labels = listed(texts);
  const actions = Object.fromEntries(listed(ORDER).map((action, index) => [action, labels[index] ?? action])) as Record<
    KeypadAction,
    string
  >;
  return { title, everybody, moderators, keys, actions };
}

const ENGLISH = words(
  ['Keys in the conference', 'Everybody', 'Moderators', 'Keys'],
  `Turn my microphone off or on | Turn my microphone off | Turn my microphone on | Stop or start hearing the others | Stop hearing the others
  | Hear the others again | Microphone and hearing off or on | The others hear me louder | The others hear me at normal volume
  | The others hear me more quietly | Hear the others louder | Hear the others at normal volume | Hear the others more quietly | Leave | Signal
  | How many are here | Who is here | Raise or lower my hand | Raise my hand | Lower my hand | Lock or unlock the conference | Lock the conference
  | Unlock the conference | Mute all members, or let them speak | Mute all members | Let all members speak | Admit who waits | Turn away who waits
  | Remove who came last | Start or stop recording | Start recording | Stop recording | Pause or continue recording | Extend the conference
  | Connect me elsewhere | My microphone ignores more noise | My microphone picks up sound as usual | My microphone picks up quieter sounds
  | Take the floor, or give it back | Hold music off or on | Call somebody in | I agree to be recorded | I do not agree to be recorded | Hear an announcement`,
);

const GERMAN = words(
  ['Tasten in der Konferenz', 'Alle', 'Moderatoren', 'Tasten'],
  `Mikrofon aus- oder einschalten | Mikrofon ausschalten | Mikrofon einschalten | Ton aus- oder einschalten | Ton ausschalten | Ton einschalten
  | Mikrofon und Ton aus- oder einschalten | Ich werde lauter gehört | Ich werde normal gehört | Ich werde leiser gehört | Die anderen lauter hören
  | Die anderen normal hören | Die anderen leiser hören | Auflegen | Signal | Wie viele sind da | Wer ist da | Hand heben oder senken | Hand heben
  | Hand senken | Konferenz sperren oder öffnen | Konferenz sperren | Konferenz öffnen | Alle stummschalten oder sprechen lassen | Alle stummschalten
  | Alle sprechen lassen | Wartende einlassen | Wartende abweisen | Zuletzt Gekommene entfernen | Aufnahme starten oder beenden | Aufnahme starten
  | Aufnahme beenden | Aufnahme anhalten oder fortsetzen | Konferenz verlängern | Mich weiterverbinden | Mikrofon unempfindlicher
  | Mikrofon normal empfindlich | Mikrofon empfindlicher | Das Wort ergreifen oder zurückgeben | Wartemusik aus- oder einschalten | Jemanden dazurufen
  | Ich stimme der Aufnahme zu | Ich stimme der Aufnahme nicht zu | Ansage hören`,
);

const FRENCH = words(
  ['Touches de la conférence', 'Tous', 'Modérateurs', 'Touches'],
  `Couper ou rétablir mon micro | Couper mon micro | Rétablir mon micro | Couper ou rétablir le son | Couper le son | Rétablir le son
  | Couper ou rétablir micro et son | On m’entend plus fort | On m’entend normalement | On m’entend moins fort | Entendre plus fort | Entendre normalement
  | Entendre moins fort | Quitter | Signal | Combien sommes-nous | Qui est présent | Lever ou baisser la main | Lever la main | Baisser la main
  | Verrouiller ou ouvrir la conférence | Verrouiller la conférence | Ouvrir la conférence | Couper ou rétablir tous les micros | Couper tous les micros
  | Rétablir tous les micros | Admettre la personne en attente | Refuser la personne en attente | Exclure la dernière personne arrivée
  | Démarrer ou arrêter l’enregistrement | Démarrer l’enregistrement | Arrêter l’enregistrement | Suspendre ou reprendre l’enregistrement
  | Prolonger la conférence | Me transférer | Micro moins sensible | Micro à sensibilité normale | Micro plus sensible | Prendre ou rendre la parole
  | Couper ou rétablir la musique d’attente | Appeler quelqu’un | J’accepte l’enregistrement | Je refuse l’enregistrement | Écouter une annonce`,
);

const SPANISH = words(
  ['Teclas de la conferencia', 'Todos', 'Moderadores', 'Teclas'],
  `Apagar o encender mi micrófono | Apagar mi micrófono | Encender mi micrófono | Dejar de oír o volver a oír | Dejar de oír | Volver a oír
  | Micrófono y sonido: apagar o encender | Que me oigan más fuerte | Que me oigan normal | Que me oigan más bajo | Oír más fuerte | Oír normal
  | Oír más bajo | Salir | Señal | Cuántos somos | Quién está | Levantar o bajar la mano | Levantar la mano | Bajar la mano
  | Bloquear o abrir la conferencia | Bloquear la conferencia | Abrir la conferencia | Silenciar a todos o dejarlos hablar | Silenciar a todos
  | Dejar hablar a todos | Admitir a quien espera | Rechazar a quien espera | Expulsar al último que entró | Iniciar o detener la grabación
  | Iniciar la grabación | Detener la grabación | Pausar o reanudar la grabación | Prolongar la conferencia | Transferirme | Micrófono menos sensible
  | Micrófono con sensibilidad normal | Micrófono más sensible | Tomar o devolver la palabra | Quitar o poner la música de espera | Llamar a alguien
  | Acepto la grabación | No acepto la grabación | Oír un anuncio`,
);

const PORTUGUESE = words(
  ['Teclas da conferência', 'Todos', 'Moderadores', 'Teclas'],
  `Desligar ou ligar o meu microfone | Desligar o meu microfone | Ligar o meu microfone | Deixar de ouvir ou voltar a ouvir | Deixar de ouvir
  | Voltar a ouvir | Microfone e som: desligar ou ligar | Ouvirem-me mais alto | Ouvirem-me normalmente | Ouvirem-me mais baixo | Ouvir mais alto
  | Ouvir normalmente | Ouvir mais baixo | Sair | Sinal | Quantos somos | Quem está presente | Levantar ou baixar a mão | Levantar a mão | Baixar a mão
  | Bloquear ou abrir a conferência | Bloquear a conferência | Abrir a conferência | Silenciar todos ou deixá-los falar | Silenciar todos
  | Deixar todos falar | Admitir quem espera | Recusar quem espera | Remover o último a entrar | Iniciar ou parar a gravação | Iniciar a gravação
  | Parar a gravação | Pausar ou retomar a gravação | Prolongar a conferência | Transferir-me | Microfone menos sensível
  | Microfone com sensibilidade normal | Microfone mais sensível | Tomar ou devolver a palavra | Desligar ou ligar a música de espera | Ligar a alguém
  | Aceito a gravação | Não aceito a gravação | Ouvir um anúncio`,
);

const ITALIAN = words(
  ['Tasti della conferenza', 'Tutti', 'Moderatori', 'Tasti'],
  `Spegnere o accendere il mio microfono | Spegnere il mio microfono | Accendere il mio microfono | Togliere o ridare l’audio | Togliere l’audio
  | Ridare l’audio | Microfono e audio: spegnere o accendere | Farmi sentire più forte | Farmi sentire normalmente | Farmi sentire più piano
  | Sentire più forte | Sentire normalmente | Sentire più piano | Uscire | Segnale | Quanti siamo | Chi è presente | Alzare o abbassare la mano
  | Alzare la mano | Abbassare la mano | Chiudere o aprire la conferenza | Chiudere la conferenza | Aprire la conferenza
  | Silenziare tutti o farli parlare | Silenziare tutti | Far parlare tutti | Ammettere chi attende | Rifiutare chi attende | Rimuovere l’ultimo arrivato
  | Avviare o fermare la registrazione | Avviare la registrazione | Fermare la registrazione | Sospendere o riprendere la registrazione
  | Prolungare la conferenza | Trasferirmi | Microfono meno sensibile | Microfono con sensibilità normale | Microfono più sensibile
  | Prendere o restituire la parola | Togliere o ridare la musica d’attesa | Chiamare qualcuno | Accetto la registrazione | Non accetto la registrazione | Ascoltare un annuncio`,
);

const RUSSIAN = words(
  ['Клавиши конференции', 'Все', 'Модераторы', 'Клавиши'],
  `Выключить или включить микрофон | Выключить микрофон | Включить микрофон | Выключить или включить звук | Выключить звук | Включить звук
  | Микрофон и звук: выключить или включить | Меня слышно громче | Меня слышно как обычно | Меня слышно тише | Слышать громче | Слышать как обычно
  | Слышать тише | Выйти | Сигнал | Сколько участников | Кто присутствует | Поднять или опустить руку | Поднять руку | Опустить руку
  | Закрыть или открыть конференцию | Закрыть конференцию | Открыть конференцию | Выключить или включить всем микрофоны | Выключить всем микрофоны
  | Включить всем микрофоны | Впустить ожидающего | Отказать ожидающему | Удалить вошедшего последним | Начать или закончить запись | Начать запись
  | Закончить запись | Приостановить или продолжить запись | Продлить конференцию | Перевести мой звонок | Микрофон менее чувствителен
  | Обычная чувствительность микрофона | Микрофон чувствительнее | Взять или передать слово | Выключить или включить музыку ожидания | Позвать по телефону
  | Я согласен на запись | Я не согласен на запись | Прослушать объявление`,
);

const CHINESE = words(
  ['会议按键', '所有人', '主持人', '按键'],
  `关闭或打开麦克风 | 关闭麦克风 | 打开麦克风 | 关闭或打开声音 | 关闭声音 | 打开声音 | 同时关闭或打开麦克风和声音 | 提高我的音量 | 恢复我的正常音量 | 降低我的音量 | 提高收听音量 | 恢复正常收听音量 | 降低收听音量 | 离开会议 | 信号 | 参会人数 | 参会者名单
  | 举手或放下 | 举手 | 把手放下 | 锁定或解锁会议 | 锁定会议 | 解锁会议 | 全体静音或取消静音 | 全体静音 | 取消全体静音 | 准许等候者进入 | 拒绝等候者 | 移除最后加入的人 | 开始或停止录音 | 开始录音 | 停止录音 | 暂停或继续录音 | 延长会议 | 转接我的通话 | 降低麦克风灵敏度 | 恢复正常麦克风灵敏度 | 提高麦克风灵敏度 | 取得或交回发言权 | 关闭或打开等待音乐 | 呼叫他人入会 | 同意录音 | 不同意录音 | 收听通知`,
);

const JAPANESE = words(
  ['会議のキー操作', '参加者全員', '主催者', 'キー'],
  `マイクをオフ・オンにする | マイクをオフにする | マイクをオンにする | 音声をオフ・オンにする | 音声をオフにする | 音声をオンにする | マイクと音声をオフ・オンにする | 自分の声を大きくする | 自分の声を標準に戻す | 自分の声を小さくする | 聞こえる音を大きくする
  | 聞こえる音を標準に戻す | 聞こえる音を小さくする | 退出する | 合図を送る | 参加人数を聞く | 参加者の名前を聞く | 手を挙げる・下ろす | 手を挙げる | 手を下ろす | 会議をロック・解除する | 会議をロックする | ロックを解除する | 全員をミュート・解除する
  | 全員をミュートする | 全員のミュートを解除する | 待っている人を入れる | 待っている人を断る | 最後に参加した人を退出させる | 録音を開始・停止する | 録音を開始する | 録音を停止する | 録音を一時停止・再開する | 会議を延長する | 自分の通話を転送する | マイクの感度を下げる | マイクの感度を標準に戻す | マイクの感度を上げる | 発言権を取る・戻す | 保留音をオフ・オンにする
  | 誰かを呼び出す | 録音に同意する | 録音に同意しない | 案内を聞く`,
);

const ARABIC = words(
  ['مفاتيح المؤتمر', 'الجميع', 'المشرفون', 'المفاتيح'],
  `إيقاف الميكروفون أو تشغيله | إيقاف الميكروفون | تشغيل الميكروفون | إيقاف الصوت أو تشغيله | إيقاف الصوت | تشغيل الصوت
  | إيقاف الميكروفون والصوت أو تشغيلهما | رفع مستوى صوتي | إعادة صوتي إلى المستوى العادي | خفض مستوى صوتي | رفع صوت الآخرين
  | إعادة صوت الآخرين إلى المستوى العادي | خفض صوت الآخرين | المغادرة | إشارة | عدد الحاضرين | أسماء الحاضرين | رفع اليد أو خفضها | رفع اليد | خفض اليد
  | قفل المؤتمر أو فتحه | قفل المؤتمر | فتح المؤتمر | كتم الجميع أو السماح لهم بالكلام | كتم الجميع | السماح للجميع بالكلام | إدخال المنتظر | رفض المنتظر
  | إخراج آخر من انضم | بدء التسجيل أو إيقافه | بدء التسجيل | إيقاف التسجيل | إيقاف التسجيل مؤقتا أو متابعته | تمديد المؤتمر | تحويل مكالمتي | خفض حساسية الميكروفون
  | إعادة حساسية الميكروفون إلى العادي | رفع حساسية الميكروفون | أخذ الكلمة أو إعادتها | إيقاف موسيقى الانتظار أو تشغيلها | الاتصال بشخص
  | أوافق على التسجيل | لا أوافق على التسجيل | سماع إعلان`,
);

const LANGUAGES: Readonly<Record<string, CardWords>> = {
  en: ENGLISH,
  de: GERMAN,
  fr: FRENCH,
  es: SPANISH,
  pt: PORTUGUESE,
  it: ITALIAN,
  ru: RUSSIAN,
  zh: CHINESE,
  ja: JAPANESE,
  ar: ARABIC,
};

/** Languages that a card can be had in. */
export const CARD_LANGUAGES = Object.keys(LANGUAGES);

/** In a language or its family; what nobody has words for is English. */
export const cardWords = (language: string): CardWords => LANGUAGES[language.toLowerCase().split('-')[0] ?? ''] ?? ENGLISH;
